"""What leaves the host: MQTT topics, the broker that carries them, and Modbus registers."""
