"""What those notice who ask over UDP while others hold connections."""
