"""Supplies: lots of materials and pieces of equipment, each with its own code, received and registered before they are used."""
