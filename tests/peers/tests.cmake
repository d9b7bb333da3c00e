stepwell_python_test(peers.peers_test tests/peers/peers_test.py)
