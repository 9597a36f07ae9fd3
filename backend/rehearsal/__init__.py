"""The rehearsal: demonstration, simulation and benchmarks. It plays the trial through acts only, as its people would."""
