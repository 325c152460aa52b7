// The form of a workload's values in JSON, which leaves out zero and false.

// valueOf returns the value of an attribute of a request.
export function valueOf({ type, number = 0, bool = false, string }) {
  switch (type) {
    case "number": return number;
    case "bool": return bool;
  }
  return string;
}
