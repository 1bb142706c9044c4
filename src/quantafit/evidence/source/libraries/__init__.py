"""The client libraries that quantafit knows, one table file each. A new library is one file here and one test."""
