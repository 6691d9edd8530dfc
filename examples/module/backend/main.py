"""Counts peptides by their length."""

from collections import Counter

from hla_compass import Module


class PeptideLengths(Module):
    def execute(self, input_data, context):
        counts = Counter(len(peptide) for peptide in input_data["peptides"])
        lengths = {str(length): counts[length] for length in sorted(counts)}
        return self.success(
            results={"lengths": lengths},
            summary={"peptides": sum(counts.values())},
        )
