"""What an experiment proves of quanta and interactions that lose their partners for a while."""
