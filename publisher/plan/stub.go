package plan

type Costs struct{}
type Power struct{}
type Requests struct{}
type Breach struct{}
