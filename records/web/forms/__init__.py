"""Forms of the records pages: what they ask. How a form looks is the kit's."""
