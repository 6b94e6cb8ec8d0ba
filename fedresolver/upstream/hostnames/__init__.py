"""Host names that load balancers are known by: resolved, refreshed ahead, and within a budget."""
