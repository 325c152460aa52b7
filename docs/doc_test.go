// Package docs tests the documentation: it runs every command that a page shows, compares
// what is printed with what the page says, checks the pages' configuration and code, follows
// their links, and keeps the reference pages that are generated from the code current.
//
// Code blocks of a page are fenced and name their language. A block of the language console
// is a session: lines that begin with "$ " are commands, the lines below one are its whole
// output, in which … stands for anything. Commands without output below them may print what
// they like. A block of the language sh is a script. All blocks of a page run in one shell,
// in their order, in an empty directory.
//
// HTML comments say more about the block that follows, or about the page:
//
//	<!-- not run: REASON -->   the block cannot run in a test; such blocks are counted
//	<!-- file: PATH -->        the block is the content of this file from here on
//	<!-- append: PATH -->      the block is added to the end of this file
//	<!-- from: PATH -->        the block is part of this file of the repository
//	<!-- wait: 20s -->         a command is repeated until it prints what is shown
//	<!-- exit: 1 -->           commands of the block end with this exit status
//	<!-- run: COMMAND -->      a command that the page does not show runs here
//	<!-- needs: node -->       without this program the page is skipped
//
// Configuration and code is written to a file, which the page's commands then read, or is
// part of a file that something else tests. Go files of a page are compiled, and expressions
// of the language cel are checked as audiences.
//
// Addresses such as 127.0.0.1:8080 are replaced by free ones, in commands, in files and in
// output.
package docs
