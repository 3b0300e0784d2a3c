"""Every change to imports, tokens and webhooks."""
