"""What becomes of a dose: compartment models as data, their exact solution, predictions and target-controlled rates.

Inside this package states, rates and concentrations are plain floats in mg, L and min; whatever enters or leaves it has
its unit. A model's figures are those of a population: nobody is that average, so a prediction is of all models that fit
the patient, and never of one.
"""
