"""Moving a workspace between files and servers: `onestop migrate`."""
