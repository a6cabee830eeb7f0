"""A recording in other forms: picture folders, WebDataset shards, videos."""
