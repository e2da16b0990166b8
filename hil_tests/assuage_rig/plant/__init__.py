"""What the chips measure and the motor moves: the patient, and the syringe in its drive."""
