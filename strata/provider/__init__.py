"""The native Pulumi provider `strata`: the engine's verbs over kinds."""
