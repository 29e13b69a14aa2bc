// Checks, with the Go project's own note and tlog packages, proofs that Comity made: reads one JSON
// case from standard input, prints "ok" or the reason why a proof does not hold.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofCase struct {
	Verifier             string
	Note, Leaf           []byte
	Index, Size, OldSize int64
	Root, OldRoot        []byte
	Inclusion            [][]byte
	Consistency          [][]byte
}

func hash(data []byte) (h tlog.Hash) {
	copy(h[:], data)
	return h
}

func hashes(path [][]byte) (list []tlog.Hash) {
	for _, step := range path {
		list = append(list, hash(step))
	}
	return list
}

func check(c proofCase) error {
	verifier, err := note.NewVerifier(c.Verifier)
	if err != nil {
		return err
	}
	opened, err := note.Open(c.Note, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	expected := fmt.Sprintf("kz-247.comity/log\n%d\n%s\n", c.Size, hash(c.Root))
	if opened.Text != expected {
		return fmt.Errorf("the checkpoint says %q", opened.Text)
	}
	leaf := tlog.RecordHash(c.Leaf)
	if err := tlog.CheckRecord(hashes(c.Inclusion), c.Size, hash(c.Root), c.Index, leaf); err != nil {
		return err
	}
	return tlog.CheckTree(hashes(c.Consistency), c.Size, hash(c.Root), c.OldSize, hash(c.OldRoot))
}

func main() {
	var c proofCase
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := check(c); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ok")
}
