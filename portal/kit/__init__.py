"""What every page and every API answer is made of: access marks, lists, forms, life cycles, errors, logs."""
