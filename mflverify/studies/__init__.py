"""Studies of the flows: model files, rates, campaigns that can be resumed, tables and figures."""
