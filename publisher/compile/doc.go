// Package compile turns a project into a program, and a program into a payload. A program
// says which slots of a layer each experiment holds, and how its variants share them; it
// follows from the project, from the ledger of the live bundle and from the time alone. A
// payload holds the program as columns, with an index of the audiences and with vectors by
// which hosts test their core.
//
// Operations, such as [Kill], change the program of a payload without its project.
//
// This package is internal to Sortition and may change without notice.
package compile
