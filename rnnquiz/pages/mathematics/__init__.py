"""Mathematics as it was typed: from signs to tokens to trees, and the values of these."""
