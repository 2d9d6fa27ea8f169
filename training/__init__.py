"""Training of DeepOT models: generate, train, evaluate, export. Imports the engine; the engine never imports this."""
