"""The engine on a cluster: OpenSearch or Elasticsearch, chosen by its address."""
