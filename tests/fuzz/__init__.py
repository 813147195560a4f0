"""Bad input by the million: what no bytes may do to whoever reads them."""
