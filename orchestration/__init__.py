"""nianbao: from the schools' workbooks to the city's published figures."""
