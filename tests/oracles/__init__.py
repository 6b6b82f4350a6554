"""Slow, obvious Python twins of the native core: what it does, written down once more without any speed."""
