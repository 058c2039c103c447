# Sets `revision`, the commit that the sources are of: `git archive` writes it into the next line (.gitattributes); in a checkout git
# tells it, again after each commit. Else it is "unknown".
set(revision "$Format:%H$")
if(revision MATCHES "^.Format")
	set(revision unknown)
	find_package(Git QUIET)
	if(GIT_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
		execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse HEAD --git-path logs/HEAD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
			OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
		if(said MATCHES "^([0-9a-f]+)\n(.+)$")
			set(revision ${CMAKE_MATCH_1})
			cmake_path(ABSOLUTE_PATH CMAKE_MATCH_2 BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE log)
			set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
		endif()
	endif()
endif()
