"""The dose room: the route and the dose are opened, infusions ordered, doses prepared, checked and released by the few who are unmasked."""
