"""Pure rules of the register, of levels of trust, of appointments and of choosing for somebody."""
