"""The sysops quantum: tickets, support contracts and the job that copies them to the customers' side."""
