"""Clients of the systems that Strata works on, and the only importers of their SDKs. They know nothing of Pulumi."""
