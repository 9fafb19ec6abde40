"""The sample agency: an invented department with a border agency, and a case in the manner of the first letter of 2021.

Nobody and nothing in it is real. Everything is made through the services, by the people of the sample, so that the
audit log, the custody logs and the permissions are those of real work.
"""
