"""What becomes of a dose: compartment models as data, their exact solution, predictions and target-controlled rates.

    patient = Patient(Weight.parse("70 kg"), Age.parse("45 years"))
    infusion = Infusion(NOW, DoseRate.of(14, "mg/h"), Time.of(4, "h"))
    given = Programme(KETAMINE, (Given(NOW, Mass.of(21, "mg")), infusion))
    band = predict(patient, given).at(Time.of(30, "min"))     # the lowest, the highest and each model's
    one = body(models()["domino"], patient)
    control = Controller(one, "effect", target, limits, before=given, now=Time.of(1, "h"))
    asked = control.ask()                                     # and when it has been given: control.went(asked.rate)

schema: the data, and what it may be. body: a model in a patient. programme: what is given. course: its states, by
system. predict and picture: the band. regulator and tci: targets. Inside, states, rates and concentrations are plain
floats in mg, L and min; whatever enters or leaves has its unit. A model's figures are those of a population: nobody is
that average, so a prediction is of all models that fit the patient, and never of one.
"""
