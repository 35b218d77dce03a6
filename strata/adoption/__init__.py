"""From an environment that is there to a stack file and an import file: the way in for an existing site. Only reads.

survey    what is there, system by system (ontap, hosts, swift, cloudstack), by the kinds' own `observe`
draft     the entries that the stack file lacks, the resources that they come to, and what is left out and why
pruning   what the stack file can't say is taken out again, in the validator's own words
grafting  the entries into the text of the file, every other byte of which stays
unmanaged what exists and is in no stack
"""
