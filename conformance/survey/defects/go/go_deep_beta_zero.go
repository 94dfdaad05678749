// Adam of go-deep (a277516) takes a number that is 0 for one that is missing.
//
//	GO111MODULE=off go run go_deep_beta_zero.go, with go-deep in GOPATH
//
// With beta1 = 0 the first moment is the last gradient, so that a gradient of 0 moves nothing. With
// a learning rate of 0, as in a schedule that ends, nothing moves at all.
package main

import (
	"fmt"
	"os"

	"github.com/patrikeh/go-deep/training"
)

func main() {
	adam := training.NewAdam(0.001, 0, 0.999, 1e-8)
	adam.Init(1)
	adam.Update(0, 1, 1, 0)
	moved := adam.Update(0, 0, 2, 0)
	fmt.Println(moved, "with beta1 0, and must be 0")
	stopped := training.NewAdam(0, 0.9, 0.999, 1e-8)
	stopped.Init(1)
	moves := stopped.Update(0, 1, 1, 0)
	fmt.Println(moves, "with a learning rate of 0, and must be 0")
	if moved == 0 && moves == 0 {
		os.Exit(1)
	}
}
