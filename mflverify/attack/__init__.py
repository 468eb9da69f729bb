"""Attacks on inequalities: how close they come to failing, and campaigns that try harder."""
