"""Members that are folders of Kubernetes YAML and JSON: read, watched, believed when they have come to rest."""
