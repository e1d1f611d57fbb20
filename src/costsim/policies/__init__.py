"""Policies: which requests each call becomes. History is the replay of the policy `as_logged`."""
