// A contestant that decides nothing. The costs of the others are measured against it.
export default class Nothing {
  open() {}

  one(i) { return this.requests[i]; }

  all(i) { return this.requests[i]; }
}
