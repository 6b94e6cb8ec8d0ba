"""Which server is asked when: policy, health, attempts, and identical questions asked once."""
