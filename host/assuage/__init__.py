"""The host: speaks to boards, stores and publishes what they say, and serves the monitor."""
