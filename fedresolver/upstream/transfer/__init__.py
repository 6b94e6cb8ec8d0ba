"""What the primaries of zones are asked, and how zones come from them: over UDP and TCP, within bounds."""
