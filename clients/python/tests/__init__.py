"""Tests of the client. They need a running service, whose address is in RUNGWISE_URL."""
