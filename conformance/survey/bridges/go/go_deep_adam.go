// Adam of go-deep: it has no state but its moments; the caller counts the steps.
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/patrikeh/go-deep/training"
)

func decode(word string) float64 {
	bits, err := strconv.ParseUint(word, 16, 64)
	if err != nil {
		panic(err)
	}
	return math.Float64frombits(bits)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	in.ReadString('\n') // it says start
	fmt.Fprintln(out, "started 1 go-deep\ndtypes float64\nend")
	out.Flush()
	numbers := map[string]float64{}
	var params []float64
	var solver *training.Adam
	// How many numbers of this step have a gradient, and how many parameters.
	var t, done, tensors, seen int
	var wanted bool
	for {
		line, err := in.ReadString('\n')
		words := strings.Fields(line)
		if err != nil || words[0] == "stop" {
			return
		}
		switch words[0] {
		case "run":
			fmt.Fprintln(out, "ran", words[1])
			params, solver, t, tensors = nil, nil, 0, 0
		case "learning_rate", "beta1", "beta2", "epsilon":
			numbers[words[0]] = decode(words[1])
		case "param":
			rank, _ := strconv.Atoi(words[1])
			for _, word := range words[2+rank:] {
				params = append(params, decode(word))
			}
			tensors++
		case "step":
			if solver == nil {
				solver = training.NewAdam(numbers["learning_rate"], numbers["beta1"],
					numbers["beta2"], numbers["epsilon"])
				solver.Init(len(params))
			}
			t++
			done, seen = 0, 0
			wanted = words[1] == "1"
		case "grad":
			for _, word := range words[2:] {
				params[done] += solver.Update(params[done], decode(word), t, done)
				done++
			}
			seen++
			if seen == tensors && wanted {
				fmt.Fprint(out, "params")
				for _, param := range params {
					fmt.Fprintf(out, " %016x", math.Float64bits(param))
				}
				fmt.Fprintln(out)
			}
		case "end":
			fmt.Fprintln(out, "end")
			out.Flush()
		}
	}
}
