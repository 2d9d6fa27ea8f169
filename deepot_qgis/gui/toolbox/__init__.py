"""The tab "Tools": every algorithm of the plugin, one click away and filled in with what the panel knows."""
