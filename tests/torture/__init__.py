"""The torture bench: several operators, real databases, every fault there is, a judge who trusts none.

`python -m tests.torture --segundos 600` plays; `python -m tests.torture --autocomprobar` breaks the program
on purpose, in ways that lose data, and sees whether the judge notices. The rooms:

    contenido, historia     what is written down of each call, before it is sent and when it ends
    carga, operador         an operator: a process of its own that runs the whole program
    puntos, purga, errores  where an operator can be killed; bugs that can be put into it
    faltas, respuestas      what is done to networks, servers, clocks; each is `en_curso` while it lasts
    crudo, comprobador      what the databases hold, read without the program, and the verdict
    mesa, plantilla         the servers and the processes of one run
    prueba, vigilante       its course, from start to verdict
"""
