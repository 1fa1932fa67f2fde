"""Any export becomes one table of messages, plus what was rejected and why. One module per format."""
