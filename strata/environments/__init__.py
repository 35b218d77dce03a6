"""New environments: a stack file after the model of another, with its own passphrase, secrets and stack."""
